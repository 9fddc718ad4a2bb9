// Edits and looks into JSON text through jsonc-parser; loaded when the editor opens.
import { applyEdits, findNodeAtLocation, modify, parse, parseTree, printParseErrorCode }
  from '../vendor/jsonc/main.js';

const FORMATTING = { insertSpaces: true, tabSize: 2, eol: '\n' };
const STRICT = { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false };

const ERROR_WORDS = {
  CommaExpected: 'a comma is missing before this',
  ColonExpected: 'a colon is missing before this',
  PropertyNameExpected: 'a member name in double quotes is expected here',
  ValueExpected: 'a value is expected here',
  CloseBraceExpected: 'a closing } is missing',
  CloseBracketExpected: 'a closing ] is missing',
  EndOfFileExpected: 'the text should end here',
  InvalidSymbol: 'this is neither a string in double quotes, a number, true, false nor null',
  InvalidNumberFormat: 'this is not a number',
  UnexpectedEndOfString: 'the closing quote is missing',
  InvalidCommentToken: 'JSON has no comments',
};

// {value} or {error: {line, message}}
export function readText(text) {
  const errors = [];
  const value = parse(text, errors, STRICT);
  if (errors.length > 0) {
    const name = printParseErrorCode(errors[0].error);
    return { error: { line: lineAt(text, errors[0].offset), message: ERROR_WORDS[name] ?? name } };
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    return { error: { line: 1, message: 'the definition of an app is an object in { }' } };
  }
  return { value };
}

// Applies [{path, value}]; everything else in the text keeps its spelling and order.
export function editText(text, edits) {
  let result = text;
  for (const { path, value } of edits) {
    if (value === undefined && !has(result, path)) continue;
    result = applyEdits(result, modify(result, path, value, { formattingOptions: FORMATTING }));
  }
  return result;
}

function has(text, path) {
  const root = parseTree(text);
  return root !== undefined && findNodeAtLocation(root, path) !== undefined;
}

// The line (from 1) of the longest start of the path that is in the text.
export function lineOf(text, segments) {
  const root = parseTree(text);
  if (root === undefined) return 1;
  for (let length = segments.length; length > 0; length -= 1) {
    const node = findNodeAtLocation(root, segments.slice(0, length));
    if (node !== undefined) {
      const isMember = node.parent?.type === 'property';
      return lineAt(text, isMember ? node.parent.offset : node.offset);
    }
  }
  return 1;
}

export function lineAt(text, offset) {
  let line = 1;
  for (let index = text.indexOf('\n'); index >= 0 && index < offset; index = text.indexOf('\n', index + 1)) {
    line += 1;
  }
  return line;
}
