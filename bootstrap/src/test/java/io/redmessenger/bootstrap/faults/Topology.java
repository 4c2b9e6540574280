package io.redmessenger.bootstrap.faults;

/** Which Redis the nodes use. */
enum Topology {
    STANDALONE,
    SENTINEL,
    CLUSTER
}
