export const Facilities = () => null;
