import type { Shipped } from './builder.ts';
import { exchange2010 } from './shipped/exchange-2010.ts';
import { exchange2016 } from './shipped/exchange-2016.ts';
import { general } from './shipped/general.ts';
import { mail } from './shipped/mail.ts';

/** The templates that come with the program, in the order of the list. */
export const shippedTemplates: readonly Shipped[] = [...exchange2016, ...exchange2010, ...mail, ...general];
