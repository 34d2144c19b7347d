import { readFile } from 'node:fs/promises';
import { Controller, Get, Header, applyDecorators } from '@nestjs/common';

const read = (name: string) => readFile(new URL(`../public/${name}`, import.meta.url), 'utf8');
const [PAGE, STYLE, SCRIPT] = await Promise.all([read('index.html'), read('style.css'), read('chat.js')]);

/** Its own script, style and socket, nothing from elsewhere, no frame around it. */
const CONTENT_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const File = (type: string) =>
  applyDecorators(Header('Content-Type', `${type}; charset=utf-8`), Header('Cache-Control', 'no-cache'));

/** The page is the same for everybody: whom it is for, its socket tells. */
@Controller()
export class PageController {
  @Get()
  @File('text/html')
  @Header('Content-Security-Policy', CONTENT_POLICY)
  page(): string {
    return PAGE;
  }

  @Get('public/style.css')
  @File('text/css')
  style(): string {
    return STYLE;
  }

  @Get('public/chat.js')
  @File('text/javascript')
  script(): string {
    return SCRIPT;
  }
}
