// A controller of an app, for the documents' modules.
import { Controller } from '@nestjs/common';

@Controller()
export class AccountController {}
