package io.redmessenger.domain.canary;

import io.redmessenger.application.port.out.ErrorCode;

/** Breaks the layers: the domain knows nobody. */
public final class KnowsApplication {
    ErrorCode code() {
        return ErrorCode.INTERNAL;
    }
}
