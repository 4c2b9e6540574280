package io.redmessenger.canary;

/** Breaks the layers: it belongs to none. */
public final class Homeless {}
