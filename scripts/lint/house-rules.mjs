/**
 * Rules of this house for oxlint that no plugin of its own has. A rule's exemptions are its options in
 * `.oxlintrc.json`.
 */

/**
 * No parameter of a function is a boolean: a call like `close(true)` tells its reader nothing. The way out is an
 * options object, or two functions. Parameters that other programs fix, such as Python's `acquire(blocking)`, are
 * exempt by the name of their function, in `{ "allow": ["acquire"] }`.
 */
const noBooleanParameters = {
	meta: {
		type: 'suggestion',
		schema: [{ type: 'object', properties: { allow: { type: 'array', items: { type: 'string' } } }, additionalProperties: false }],
	},
	create(context) {
		const allowed = new Set(context.options[0]?.allow);
		const check = (node) => {
			if (node.parent?.kind === 'set') return;
			for (const parameter of node.params ?? []) {
				if (!isBoolean(parameter) || allowed.has(nameOf(node))) continue;
				const message = `Parameter '${bindingOf(parameter).name}' of '${nameOf(node)}' is a boolean: make it an option, or make two functions.`;
				context.report({ node: parameter, message });
			}
		};
		const kinds = [
			'FunctionDeclaration',
			'FunctionExpression',
			'ArrowFunctionExpression',
			'TSDeclareFunction',
			'TSEmptyBodyFunctionExpression',
			'TSMethodSignature',
			'TSFunctionType',
		];
		return Object.fromEntries(kinds.map((kind) => [kind, check]));
	},
};

export default {
	meta: { name: 'house' },
	rules: { 'no-boolean-parameters': noBooleanParameters },
};

function isBoolean(parameter) {
	const inner = parameter.type === 'TSParameterProperty' ? parameter.parameter : parameter;
	const initial = inner.type === 'AssignmentPattern' && inner.right.type === 'Literal' && typeof inner.right.value === 'boolean';
	return initial || isBooleanType(bindingOf(parameter).typeAnnotation?.typeAnnotation);
}

/** `boolean`, and a union that has it, such as `boolean | undefined`. */
function isBooleanType(type) {
	if (type?.type === 'TSUnionType')
		return type.types.some(isBooleanType) && type.types.every((one) => isBooleanType(one) || one.type === 'TSUndefinedKeyword');
	return type?.type === 'TSBooleanKeyword';
}

function bindingOf(parameter) {
	const inner = parameter.type === 'TSParameterProperty' ? parameter.parameter : parameter;
	return inner.type === 'AssignmentPattern' ? inner.left : inner;
}

/** The function's own name, or that of the method, field or variable that holds it. */
function nameOf(node) {
	let holder = node.parent;
	while (['TSTypeAnnotation', 'TSUnionType', 'TSParenthesizedType'].includes(holder?.type)) holder = holder.parent;
	const named = node.id ?? node.key ?? holder?.key ?? holder?.id;
	return named?.name ?? named?.value ?? '(anonymous)';
}
