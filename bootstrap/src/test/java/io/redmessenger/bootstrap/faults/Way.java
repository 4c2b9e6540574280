package io.redmessenger.bootstrap.faults;

/** A way in. */
enum Way {
    PUBLISH,
    STREAM,
    HTTP
}
