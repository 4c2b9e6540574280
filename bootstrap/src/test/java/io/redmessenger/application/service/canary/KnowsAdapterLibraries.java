package io.redmessenger.application.service.canary;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.inject.Inject;

/** Breaks the application's whitelist, and the bans of Jackson and Guice. */
public final class KnowsAdapterLibraries {
    @Inject
    public KnowsAdapterLibraries(ObjectMapper mapper) {
        mapper.createObjectNode();
    }
}
