/** @type {string} */
declare const data: string;
export default data;
