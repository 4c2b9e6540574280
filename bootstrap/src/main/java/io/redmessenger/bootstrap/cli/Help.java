package io.redmessenger.bootstrap.cli;

/** Texts that the help of several commands has in common. */
final class Help {

    static final String EXIT_CODES = "%nExit codes:%n";
    static final String OK = "0:done";
    static final String DEFECT = "1:a defect of this program";
    static final String USAGE = "2:the command line is wrong";
    static final String NO_REDIS = "69:Redis cannot be reached, or takes no writes now";
    static final String REFUSED = "77:Redis refuses the password, the rights, or the kind of what is stored";
    static final String CONFIGURATION = "78:the configuration is wrong";
    static final String EXAMPLES = "%nExamples:%n";
    static final String OPTIONS = "%nOptions (every setting works as a flag, see 'redmessenger serve --help'):%n";

    private Help() {}
}
