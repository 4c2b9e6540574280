package io.redmessenger.bootstrap.config;

/** From which level on the log is written. */
public enum LogLevel {
    ERROR,
    WARN,
    INFO,
    DEBUG,
    TRACE
}
