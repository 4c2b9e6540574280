package io.redmessenger.domain.canary;

import java.nio.file.Files;
import java.nio.file.Path;

/** Breaks the domain's whitelist: it does no I/O. */
public final class KnowsFiles {
    boolean exists(Path path) {
        return Files.exists(path);
    }
}
