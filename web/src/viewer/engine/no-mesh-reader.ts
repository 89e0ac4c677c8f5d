/** Stands in for the mesh file readers of vtk.js, which this viewer never uses. */
const refuse = (): never => {
  throw new Error('Mesh files are not supported.');
};

export const newInstance = refuse;
export const extend = refuse;
export default { newInstance: refuse, extend: refuse };
