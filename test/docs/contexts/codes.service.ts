// The second factors of an app: what the documents' controllers ask for.
import { Injectable } from '@nestjs/common';

@Injectable()
export class Codes {
  isRight(userId: string, code: string): boolean {
    return userId === 'ada' && code === '123456';
  }
}
