import { ja, type Words } from './ja';
export const en: Words = ja;
