/** A text within HTML, also within an attribute in quotation marks. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, character => `&#${String(character.charCodeAt(0))};`);
}
