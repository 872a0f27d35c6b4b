// You are in a comment about prompts; nothing here is read.
export const SYSTEM_PROMPT: string = 'You are a travel agent. Don\'t invent prices.';
const matches = /["'`]You are not a string/.test(input);

export function itinerary(city: string, days: number) {
  const itineraryPrompt = `Write a plan for ${days} days in ${city.toUpperCase()}. Use ${`nested ${city}`} well.`;
  return chat({ system: `You are brief and kind, and you answer in one short sentence.`, user: itineraryPrompt });
}
