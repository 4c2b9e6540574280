package io.redmessenger.adapters.redis;

/** Breaks the rule of the one front door. */
public final class OpenDoor {}
