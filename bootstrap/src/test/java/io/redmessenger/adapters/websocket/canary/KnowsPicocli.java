package io.redmessenger.adapters.websocket.canary;

import picocli.CommandLine.Command;

/** Breaks the ban of picocli outside bootstrap. */
@Command
public final class KnowsPicocli {}
