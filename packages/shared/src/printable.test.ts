import { expect, it } from 'vitest';
import { printable, printableLine } from './printable.ts';

const hostile = '\u001b[2Jgone\u009b31m\r\u202etxt\u0007';

it('shows what a terminal would act upon', () => {
  expect(printable(hostile)).toBe('\\u001b[2Jgone\\u009b31m\\u000d\\u202etxt\\u0007');
});

it('leaves words of every language alone, and lines where there may be some', () => {
  const text = 'Temperatur\t21 °C\n温度 🌡';
  expect(printable(text)).toBe(text);
  expect(printableLine(text)).toBe('Temperatur\\t21 °C\\n温度 🌡');
});
