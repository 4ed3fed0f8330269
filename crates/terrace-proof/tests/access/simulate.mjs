// Answers each line of standard input, a simulation, with what @cloud-copilot/iam-simulate decides.
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

const { runSimulation } = createRequire(`${process.argv[2]}/`)('@cloud-copilot/iam-simulate')
for await (const line of createInterface({ input: process.stdin })) {
  const result = await runSimulation(JSON.parse(line), {})
  console.log(result.resultType === 'error' ? `error ${JSON.stringify(result.errors)}` : result.overallResult)
}
