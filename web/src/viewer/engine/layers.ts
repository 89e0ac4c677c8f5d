/** Canvases of ours between the engine's picture and the marks drawn on it, from the lowest up. */
export type LayerName = 'picture' | 'fusion';

const CLASS: Record<LayerName, string> = { picture: 'own-layer', fusion: 'own-layer fused' };

const find = (element: HTMLElement, name: LayerName): HTMLCanvasElement | null =>
  element.querySelector<HTMLCanvasElement>(`canvas[data-layer="${name}"]`);

/** The one of this name, made when it is first wanted; null before the engine has a picture. */
export function layerIn(element: HTMLElement, name: LayerName): HTMLCanvasElement | null {
  const known = find(element, name);
  if (known) return known;
  const picture = element.querySelector('canvas.cornerstone-canvas');
  if (!picture) return null;
  const layer = document.createElement('canvas');
  layer.className = CLASS[name];
  layer.dataset.layer = name;
  layer.hidden = true;
  const below = name === 'fusion' ? find(element, 'picture') : null;
  (below ?? picture).after(layer);
  return layer;
}

export function removeLayers(element: HTMLElement): void {
  for (const layer of element.querySelectorAll('canvas[data-layer]')) layer.remove();
}
