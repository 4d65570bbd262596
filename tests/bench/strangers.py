"""What a store from elsewhere may have for the id of a run."""

NOT_IDS = {
    "nothing": "",
    "folder": ".",
    "above": "..",
    "relative": "../../elsewhere",
    "absolute": "/elsewhere",
    "backslash": "..\\elsewhere",
    "nul": "20260102-030405-aaaa\0",
    "line": "20260102-030405-aaaa\n",
    "within": "20260102-030405-aaaa/x",
    "long": "2" * 300,
    "option": "-rf",
    "control": "\x1b]0;title\x07",
    "other folder": "artifacts",
}
"""Ids that evobench never gives to a run, by what is wrong with them."""
