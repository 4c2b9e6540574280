package io.redmessenger.application.service;

import io.redmessenger.domain.delivery.InboxPolicy;

/**
 * How sessions behave.
 *
 * @param secureMode whether a connection must show the user's key
 * @param connectionLimit the most live connections of one user, 1 or more
 * @param inbox what an inbox keeps
 */
public record SessionSettings(boolean secureMode, int connectionLimit, InboxPolicy inbox) {}
