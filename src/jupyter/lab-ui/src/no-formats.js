/** In place of `ajv-formats`: the validator of `schema-validator.js` knows the formats of JSON Schema itself. */
export default function addFormats(validator) {
  return validator;
}
