import { Header, applyDecorators } from '@nestjs/common';

/** Its own script and style, nothing from elsewhere, no frame around it. */
const CONTENT_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** A page, of which nothing is kept: after a sign-out, the browser's back button shows nothing of before. */
export const Page = () =>
  applyDecorators(
    Header('Content-Type', 'text/html; charset=utf-8'),
    Header('Content-Security-Policy', CONTENT_POLICY),
    Header('Cache-Control', 'no-store'),
  );
