'use strict';
/* Our UDP server for StatsD, which replaces the package's servers/udp.js. It adds
 *  - a receive buffer of 4 MB (the kernel may grant less), because bursts overflow the default buffer;
 *  - the external port, which accepts only well-formed lines whose names start with `only`, and counts what it drops;
 *  - the newest refused lines with their reasons, in the answer of the admin port to `stats` (`eucora.refused`);
 *  - a count of the datagrams that the kernel dropped because the buffer was full, on systems with /proc;
 *  - a check of sample rates on every port, because some crash StatsD (see lines.js);
 *  - a stop without losses: the package's flush at exit is asynchronous and never leaves the process.
 * It is also listed as a backend, only to be notified of flushes.
 */
const dgram = require('dgram');
const dns = require('dns');
const fs = require('fs');

const { Samples, nameLimit, refusedExternal, refusedRate, trim } = require('./lines.js');

const WANTED_BUFFER = 4 * 1024 * 1024;
const DROPPED = 'eucora.statsd.external.dropped';
const MALFORMED = 'eucora.statsd.malformed';
const KERNEL_DROPPED = 'eucora.statsd.kernel_dropped';
const EXAMPLES = 3;
const SOCKET_TABLES = ['/proc/self/net/udp', '/proc/self/net/udp6'];

const sockets = [];
const samples = new Samples();
let inodes = new Set();
let droppedSoFar = 0;
let deliver = null;
let handlesSignals = false;
let stopping = false;
let flushesLeft = 0;

function log(text) {
  console.log('[eucora] ' + text);
}

/** Pass on the lines of a message that are accepted, and the number of the others as a counter. */
function receiver(config, pass) {
  const only = config.only;
  const allowed = nameLimit(config.newNamesPerHour || Infinity);
  return function (message, source) {
    if (!only && !message.includes('|@')) {
      pass(message, source);
      return;
    }
    const kept = [];
    let dropped = 0;
    for (const untrimmed of message.toString(only ? 'latin1' : 'utf8').split('\n')) {
      const line = trim(untrimmed);
      const reason = only ? refusedExternal(line, only, allowed) : refusedRate(line);
      if (line.length === 0) {
        continue;
      }
      if (reason === '') {
        kept.push(line);
      } else {
        dropped += 1;
        samples.add(config.port, reason, line, source.address);
      }
    }
    if (dropped > 0) {
      kept.push((only ? DROPPED : MALFORMED) + ':' + dropped + '|c');
    }
    if (kept.length > 0) {
      pass(kept.join('\n'), source);
    }
  };
}

function enlargeBuffer(socket, name) {
  try {
    socket.setRecvBufferSize(WANTED_BUFFER);
  } catch (error) {
    log(name + ': the receive buffer keeps its default size: ' + error.message);
  }
  log(name + ': receive buffer ' + socket.getRecvBufferSize() + ' bytes');
}

/** Store the inodes of this process's sockets; the kernel's tables list sockets by inode. */
function noteInodes() {
  try {
    inodes = new Set(fs.readdirSync('/proc/self/fd').map(function (fd) {
      try {
        return (/^socket:\[(\d+)\]$/.exec(fs.readlinkSync('/proc/self/fd/' + fd)) || [])[1];
      } catch (error) {
        return undefined; // closed in the meantime, like the descriptor of this listing
      }
    }));
  } catch (error) {
    log('there is no /proc: datagrams that the kernel drops are not counted');
  }
}

/** Return how many datagrams the kernel has dropped at our sockets: the sum of a socket table's last column. */
function dropsIn(table) {
  let drops = 0;
  for (const line of table.split('\n').slice(1)) {
    const columns = line.trim().split(/\s+/);
    if (columns.length >= 13 && inodes.has(columns[9])) {
      drops += Number(columns[12]);
    }
  }
  return drops;
}

/** Count the datagrams that the kernel dropped since the last call, by passing StatsD one more line. */
async function reportDrops() {
  if (inodes.size === 0) {
    return;
  }
  const tables = await Promise.all(SOCKET_TABLES.map(function (file) {
    return fs.promises.readFile(file, 'latin1').catch(function () {
      return '';
    });
  }));
  const drops = dropsIn(tables.join('\n'));
  const fresh = (drops - droppedSoFar) >>> 0; // the kernel counts modulo 2^32
  if (fresh > 0 && fresh < 0x80000000) { // above that, a table could not be read
    droppedSoFar = drops;
    deliver(KERNEL_DROPPED + ':' + fresh + '|c', { address: 'kernel', port: 0, size: 0 });
  }
}

/** Keep reading until the next regular flush at least 100 ms from now, then close, let the flush reach carbon, exit. */
function stop(signal) {
  if (stopping) {
    return;
  }
  stopping = true;
  reportDrops();
  log(signal + ': waiting for the next flush, then exiting');
  setTimeout(function () {
    flushesLeft = 1;
  }, 100);
  setTimeout(exit, 3000);
}

function exit() {
  // The package would flush once more at exit, which never reaches carbon.
  process.removeAllListeners('exit');
  process.exit(0);
}

/** StatsD's server interface: called once for each entry of `servers`. */
exports.start = function (config, callback) {
  deliver = callback;
  if (!handlesSignals) {
    handlesSignals = true;
    for (const signal of ['SIGTERM', 'SIGINT']) {
      process.removeAllListeners(signal);
      process.on(signal, stop);
    }
  }
  // By its name or address: a socket has one family. Of a name with both, IPv4 is taken, as by those who send to it.
  dns.lookup(config.address, { all: true }, function (error, found) {
    const address = error ? null : found.find((one) => one.family === 4) || found[0];
    if (address) {
      listen(config, address);
    } else {
      end(config.address, 'cannot be resolved: ' + error.message);
    }
  });
  return true;
};

function end(address, reason) {
  console.error('[eucora] EUCORA_STATSD_LISTEN=' + address + ' ' + reason);
  process.removeAllListeners('exit');
  process.exit(1);
}

/** Open the socket of one entry of `servers` at a numeric address. */
function listen(config, found) {
  const name = 'udp ' + (found.family === 6 ? '[' + found.address + ']' : found.address) + ':' + config.port;
  const socket = dgram.createSocket('udp' + found.family, receiver(config, deliver));
  socket.on('error', function (error) {
    end(config.address, 'does not work, ' + name + ': ' + error.message);
  });
  socket.on('listening', function () {
    enlargeBuffer(socket, name);
    noteInodes();
  });
  socket.bind(config.port, found.address);
  sockets.push(socket);
}

/** StatsD's backend interface: called once; `flush` follows every flush interval, `status` the admin port's `stats`. */
exports.init = function (startup, config, events) {
  events.on('status', function (write) {
    for (const sample of samples.newest(EXAMPLES)) {
      write(null, 'eucora', 'refused', sample);
    }
  });
  events.on('flush', function () {
    if (flushesLeft === 1) {
      flushesLeft = 0;
      for (const socket of sockets) {
        socket.close();
      }
      setTimeout(exit, 300);
    } else {
      // StatsD resets its counters after this listener, so lines read in the meantime belong to the next flush.
      reportDrops();
    }
  });
  return true;
};
