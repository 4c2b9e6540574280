package io.redmessenger.application.memory;

import io.redmessenger.application.contract.LeasesContract;
import io.redmessenger.application.port.out.Leases;

class InMemoryLeasesTest implements LeasesContract {

    private final MutableClock clock = new MutableClock();
    private final InMemoryLeases.Register register = new InMemoryLeases.Register(clock);
    private final Leases here = register.leasesOf("here");
    private final Leases there = register.leasesOf("there");

    @Override
    public Leases leases() {
        return here;
    }

    @Override
    public Leases leasesOfAnotherNode() {
        return there;
    }

    @Override
    public void letExpire(String name) {
        clock.advance(LONG);
    }
}
