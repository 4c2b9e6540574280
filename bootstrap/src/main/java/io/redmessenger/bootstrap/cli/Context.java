package io.redmessenger.bootstrap.cli;

import io.redmessenger.application.port.out.StoreDiagnosis;
import io.redmessenger.bootstrap.config.Configuration;
import java.util.function.Function;

/** What the commands need from outside. */
record Context(
        Terminal terminal,
        Function<Configuration, BackendAccess> backends,
        Function<Configuration, StoreDiagnosis> diagnoses,
        ServerStarter servers,
        StopSignal stop) {}
