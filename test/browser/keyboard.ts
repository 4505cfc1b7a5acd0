import type { Page } from 'playwright-core';

/**
 * Goes through the page with Tab alone. Returns sentences about what a person without a mouse could not use:
 * elements never reached, a trap, a focus that cannot be seen, things that only a mouse can press.
 */
export async function keyboardFaults(page: Page): Promise<string[]> {
  await page.evaluate(prepare);
  const total = await page.evaluate(() => window.tour.elements.length);
  for (let step = 0; step < total + 15; step++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate(() => window.tour.step())) break;
  }
  return page.evaluate(() => window.tour.faults());
}

declare global {
  interface Window {
    tour: { elements: Element[]; step: () => boolean; faults: () => string[] };
  }
}

function prepare(): void {
  const seen = (element: Element) =>
    element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !element.closest('[inert]');
  const nameOf = (element: Element) =>
    `<${element.tagName.toLowerCase()}> “${(element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 40) || element.id}”`;
  // Of a radio group, Tab reaches one and arrows the others.
  const group = (element: Element) =>
    element instanceof HTMLInputElement && element.type === 'radio' ? element.name : undefined;
  const elements = [
    ...document.querySelectorAll<HTMLElement>('a[href], button, input, select, textarea, summary, [tabindex]'),
  ].filter(e => e.tabIndex >= 0 && !e.matches(':disabled, [data-focus-guard]') && seen(e));
  const reached = new Set<Element>();
  const groups = new Set<string>();
  /** How an element looks, with what surrounds it closely, since a field often shows focus on its frame. */
  const look = (element: Element) =>
    [element, element.parentElement, element.parentElement?.parentElement, element.nextElementSibling]
      .filter(e => e instanceof Element)
      .map(e => {
        const s = getComputedStyle(e);
        return [
          s.outlineStyle,
          s.outlineWidth,
          s.outlineColor,
          s.boxShadow,
          s.borderColor,
          s.backgroundColor,
          s.color,
          s.clipPath,
          s.top,
        ].join();
      })
      .join('|');
  const looks = new Map<Element, { focused: string; left: string }>();
  let previous: Element | undefined;
  // Where the page itself put the focus is where Tab begins.
  if (document.activeElement && document.activeElement !== document.body) reached.add(document.activeElement);
  // A look taken in the middle of a transition says nothing.
  const still = new CSSStyleSheet();
  still.replaceSync('*, *::before, *::after { transition: none !important; animation: none !important }');
  document.adoptedStyleSheets.push(still);
  window.tour = {
    elements,
    step() {
      const active = document.activeElement;
      const before = previous && looks.get(previous);
      if (previous && before) before.left = look(previous);
      if (!active || active === document.body) return looks.size > 0;
      if (reached.has(active)) return looks.size > 0;
      reached.add(active);
      const radio = group(active);
      if (radio) groups.add(radio);
      looks.set(active, { focused: look(active), left: '' });
      previous = active;
      return false;
    },
    faults() {
      const missed = elements.filter(e => !reached.has(e) && !groups.has(group(e) ?? '') && seen(e));
      const unseen = [...looks].filter(([, { focused, left }]) => left && focused === left).map(([e]) => e);
      const mouseOnly = [...document.querySelectorAll<HTMLElement>('body *')].filter(
        e =>
          getComputedStyle(e).cursor === 'pointer' &&
          seen(e) &&
          !e.closest(
            'a[href], button, label, input, select, textarea, summary, [tabindex], :disabled, [data-disabled]',
          ) &&
          !e.querySelector('a[href], button, input, [tabindex]'),
      );
      return [
        ...missed.map(e => `Tab never reaches ${nameOf(e)}`),
        ...unseen.map(e => `the focus cannot be seen on ${nameOf(e)}`),
        ...mouseOnly.map(e => `only a mouse can press ${nameOf(e)}`),
      ];
    },
  };
}
