package io.redmessenger.bootstrap.canary.common;

/** Breaks the rule of names by its package's, and that packages are null-marked. */
public final class Innocent {}
