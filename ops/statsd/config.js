/* StatsD's configuration, one JavaScript expression, for one machine and for containers. Addresses come from the
 * environment (the EUCORA_ variables of app/settings.py); udp.js is in the folder of this file. */
(function () {
  const env = process.env;
  const server = require('path').resolve(process.argv[2], '..', 'udp.js');
  // Node takes IPv6 addresses without the brackets that they have in URLs.
  const host = (text) => (text || '127.0.0.1').replace(/^\[(.*)\]$/, '$1');
  const listen = host(env.EUCORA_STATSD_LISTEN);
  // One node of the names, although it may come from a host's name, which has dots.
  const prefix = (env.EUCORA_STATSD_PREFIX || 'stats').replace(/[^\w-]/g, '_');
  if (!/^stats/.test(prefix)) {
    console.error('[eucora] EUCORA_STATSD_PREFIX=' + prefix + ' must begin with `stats`, as stats_b does: retention,'
      + ' dashboards and alerts match `stats*`.');
    process.exit(1);
  }

  return {
    servers: [
      { server: server, address: listen, port: Number(env.EUCORA_STATSD_PORT || 8125) },
      { server: server, address: listen, port: Number(env.EUCORA_STATSD_EXTERNAL_PORT || 8127), only: 'eucora.external.', newNamesPerHour: 1000 },
    ],
    mgmt_address: listen,
    mgmt_port: Number(env.EUCORA_STATSD_ADMIN_PORT || 8126),
    backends: ['./backends/graphite', server],
    graphiteHost: host(env.EUCORA_CARBON_HOST),
    graphitePort: Number(env.EUCORA_CARBON_PORT || 2003),
    // Each of several StatsD instances needs its own prefix: two that write the same series overwrite each other.
    graphite: { legacyNamespace: false, globalPrefix: prefix },

    flushInterval: 1000,
    percentThreshold: [50, 95, 99],
    calculatedTimerMetrics: ['count', 'sum', 'mean', 'upper', 'upper_percent', 'histogram'],
    deleteIdleStats: true,
    deleteCounters: true,
    deleteTimers: true,
    deleteSets: true,
    deleteGauges: true,
    automaticConfigReload: false,
    title: false,

    /* >>> generated from app/metrics/catalogue.py by `make docs`; do not edit by hand */
    // In flushes (seconds): four times the interval at which gauges are sampled.
    gaugesMaxTTL: 40,
    // The first entry whose `metric` is part of a timer's name gives that timer its bins, in its unit.
    histogram: [
      { metric: 'eucora.connector.operation', bins: [10, 50, 100, 500, 1000, 5000, 10000, 30000, 60000, 300000, 'inf'] },
      { metric: 'eucora.db.query', bins: [1, 5, 10, 50, 100, 500, 1000, 5000, 'inf'] },
      { metric: 'eucora.http.request', bins: [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 'inf'] },
      { metric: 'eucora.deployment.duration', bins: [1000, 5000, 10000, 30000, 60000, 300000, 600000, 1800000, 3600000, 14400000, 43200000, 86400000, 172800000, 259200000, 604800000, 1209600000, 'inf'] },
      { metric: 'eucora.deployment.risk_score', bins: [10, 25, 50, 75, 90, 100, 'inf'] },
    ],
    /* <<< generated */
  };
})()
