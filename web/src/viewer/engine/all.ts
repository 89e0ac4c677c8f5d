/** Everything of the engine that others use. It is large: whoever uses it goes through `door.ts`, which fetches it when it is needed. */
export { declareCuts, dropCuts } from './cuts';
export { declareFrames, digestOf, drawThumbnail, forgetFrames, loadFrame, pixelsOf } from './frames';
export {
  amendMarks,
  cancelDrawing,
  chosenMark,
  endMarks,
  everyMark,
  isDrawing,
  joinMarks,
  redoMark,
  redrawMarks,
  removeAllMarks,
  removeSelectedMarks,
  shownMarks,
  startMarks,
  undoMark,
} from './marks';
export { chooseTool, StackPane } from './stage';
export { startEngine } from './start';
export { extrasOf } from './truth';
