/** The Japanese input method owns the keyboard while it composes; keyCode 229 covers the key that ends a composition in Safari. */
export const isInputMethod = (event: { isComposing: boolean; keyCode: number }): boolean =>
  event.isComposing || event.keyCode === 229;
