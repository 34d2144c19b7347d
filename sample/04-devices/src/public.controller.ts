import { readFile } from 'node:fs/promises';
import { Controller, Get, Header } from '@nestjs/common';

const read = (name: string) => readFile(new URL(`../public/${name}`, import.meta.url), 'utf8');
const [STYLE, SCRIPT] = await Promise.all([read('style.css'), read('live.js')]);

@Controller('public')
export class PublicController {
  @Get('style.css')
  @Header('Content-Type', 'text/css; charset=utf-8')
  @Header('Cache-Control', 'no-cache')
  style(): string {
    return STYLE;
  }

  @Get('live.js')
  @Header('Content-Type', 'text/javascript; charset=utf-8')
  @Header('Cache-Control', 'no-cache')
  script(): string {
    return SCRIPT;
  }
}
