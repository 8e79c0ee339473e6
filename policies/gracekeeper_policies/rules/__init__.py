"""One module for each rule, in a folder for each concern; the file's name is the rule's id."""
