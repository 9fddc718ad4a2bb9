// The server's explanation of one app as the panel shows it. Pure.

const STAGE_WORDS = {
  all: 'nodes', role: 'role', maintenance: 'not in maintenance', constraint: 'constraints', cpus: 'CPU',
  mem: 'memory', disk: 'disk', gpus: 'GPUs', ports: 'ports', volume: 'volume',
};

// {text, reasons, stages: [{name, left, removed, percent}], nearest}; undefined when all is well.
export function whyView(why) {
  if (why === undefined) return undefined;
  const reasons = why.reasons ?? [];
  const stages = stagesOf(why.nodes ?? []);
  if (reasons.length === 0 && stages.length === 0) return undefined;
  return {
    text: why.text ?? '',
    reasons: reasons.map((one) => ({
      code: one.code, text: one.text, fix: one.fix ?? '', since: one.since ?? '',
    })),
    stages,
    nearest: (why.nearest ?? []).map((node) => ({
      host: node.host, lacks: (node.lacks ?? []).map((lack) => lack.text).join(', '),
    })),
  };
}

function stagesOf(nodes) {
  const total = Math.max(1, nodes[0]?.in ?? 0);
  return nodes.map((stage) => {
    const left = stage.in - stage.removed;
    return {
      name: STAGE_WORDS[stage.stage] ?? stage.stage, left, removed: stage.removed,
      percent: Math.round((left / total) * 100),
    };
  });
}
