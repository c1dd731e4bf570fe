'use strict';

/** Now, in whole seconds: the dates of the Bot API. */
function seconds() {
  return Math.floor(Date.now() / 1000);
}

/** Now, in seconds with fractions, as Python's time.time(): the times of the logs. */
function now() {
  return (performance.timeOrigin + performance.now()) / 1000;
}

module.exports = { seconds, now };
