import { readFile } from 'node:fs/promises';
import { Controller, Get, Header } from '@nestjs/common';

const own = (name: string) => readFile(new URL(`../public/${name}`, import.meta.url), 'utf8');
const [PAGE, STYLE, SCRIPT, CLIENT] = await Promise.all([
  own('index.html'),
  own('style.css'),
  own('page.js'),
  // The client of graphql-ws for browsers, in one file.
  readFile(new URL('../umd/graphql-ws.min.js', import.meta.resolve('graphql-ws')), 'utf8'),
]);

/** Its own scripts and style, nothing from elsewhere, no frame around it. */
const CONTENT_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'";

@Controller()
export class PageController {
  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Content-Security-Policy', CONTENT_POLICY)
  page(): string {
    return PAGE;
  }

  @Get('public/style.css')
  @Header('Content-Type', 'text/css; charset=utf-8')
  style(): string {
    return STYLE;
  }

  @Get('public/page.js')
  @Header('Content-Type', 'text/javascript; charset=utf-8')
  script(): string {
    return SCRIPT;
  }

  @Get('public/graphql-ws.js')
  @Header('Content-Type', 'text/javascript; charset=utf-8')
  client(): string {
    return CLIENT;
  }
}
