package io.redmessenger.bootstrap.canary;

/** Breaks the rule of names by its own. */
public final class StringUtil {}
