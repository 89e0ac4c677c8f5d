export const Tokens = () => null;
