"""Base against head in one job: processes that take their steps in turn, a decision that knows its error."""
