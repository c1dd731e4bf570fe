/**
 * Runs exported convos against the bot's REST channel: node run.js FOLDER URL
 *
 * Prints a line for each convo that fails, then "N passed, N failed". Exit code: 0 all passed,
 * 1 some failed, 2 there was nothing to run or no way to run it.
 * With --list instead of a URL: prints what the user says in each convo, as JSON, and runs nothing.
 */
'use strict'

process.env.BOTIUM_ANALYTICS = 'false'
const { BotDriver } = require('botium-core')

/**
 * Rasa's answer to one message is a list of texts that a machine-readable message closes. That is
 * one reply. What comes after it, or says the same text again, is a reply too many, and is left
 * for Botium to find.
 */
function asReplies (messages) {
  const replies = []
  let open = null
  for (const message of messages) {
    const text = message.text || ''
    if (!open || (text && open.texts.includes(text))) {
      open = { texts: [], buttons: [], custom: null }
      replies.push(open)
    }
    if (text) open.texts.push(text)
    open.buttons.push(...(message.buttons || []))
    if (message.custom) {
      open.custom = message.custom
      open = null
    }
  }
  return replies.map(reply => ({ ...reply, text: reply.texts.join('\n') || '(no text)' }))
}

function capabilities (url) {
  return {
    PROJECTNAME: 'Long COVID guide',
    CONTAINERMODE: 'simplerest',
    SIMPLEREST_URL: url,
    SIMPLEREST_METHOD: 'POST',
    SIMPLEREST_BODY_TEMPLATE: '{"sender": "botium-{{botium.conversationId}}", "message": "{{msg.messageText}}"}',
    SIMPLEREST_PARSER_HOOK: ({ changeBody, body }) => changeBody(asReplies(body)),
    SIMPLEREST_BODY_JSONPATH: '$[*]',
    SIMPLEREST_RESPONSE_JSONPATH: '$.text',
    SIMPLEREST_BUTTONS_JSONPATH: '$.buttons[*]',
    SIMPLEREST_BUTTONS_TEXT_SUBJSONPATH: '$.title',
    SIMPLEREST_BUTTONS_PAYLOAD_SUBJSONPATH: '$.payload',
    SIMPLEREST_TIMEOUT: 60000,
    WAITFORBOTTIMEOUT: 5000,
    SCRIPTING_MATCHING_MODE: 'equals',
    SCRIPTING_FORCE_BOT_CONSUMED: true,
    SCRIPTING_ENABLE_MEMORY: false
  }
}

async function run (driver, convos) {
  let failed = 0
  const container = await driver.Build()
  try {
    for (const convo of convos) {
      await container.Start()
      try {
        await convo.Run(container)
      } catch (error) {
        failed += 1
        console.log(`FAILED ${error.message}`)
      } finally {
        await container.Stop()
      }
    }
  } finally {
    await container.Clean()
  }
  console.log(`${convos.length - failed} passed, ${failed} failed`)
  return failed ? 1 : 0
}

async function main ([folder, url]) {
  if (!folder || !url) throw new Error('usage: node run.js FOLDER URL|--list')
  const driver = new BotDriver(capabilities(url))
  const compiler = driver.BuildCompiler()
  compiler.ReadScriptsFromDirectory(folder)
  if (compiler.convos.length === 0) throw new Error(`there is no convo in ${folder}`)
  if (url === '--list') {
    const said = convo => convo.conversation.filter(step => step.sender === 'me')
      .map(step => step.messageText ?? step.userInputs[0].args[0])
    console.log(JSON.stringify(Object.fromEntries(compiler.convos.map(c => [c.header.name, said(c)]))))
    return 0
  }
  return run(driver, compiler.convos)
}

main(process.argv.slice(2)).then(code => process.exit(code), error => {
  console.error(`error: ${error.message}`)
  process.exit(2)
})
