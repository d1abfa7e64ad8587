export const engines = ['fast', 'slow'];
