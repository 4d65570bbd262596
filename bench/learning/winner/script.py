"""The text of `predict.py`."""

from __future__ import annotations

from bench.learning.winner.forms import ExportForm

WEIGHTS, LABELS, PREPROCESSING, PICTURES, SCRIPT = (
    *("model.safetensors", "labels.json", "preprocessing.json", "pictures.py", "predict.py"),
)
"""Names of the files of an exported network, in every form."""
ONNX = "model.onnx"
"""Name of the network's ONNX file, where it could be checked."""
_TEXT = '''"""python predict.py FOLDER: path, label and {confidence} of each picture in and beneath it, as CSV."""

import csv
import json
import sys
from pathlib import Path

import torch{imports}

from pictures import answers, harmless, inert, tensors  # beside this file: how the network sees pictures

HERE = Path(__file__).resolve().parent


def network():
    """The network in eval mode: from float32 N x channels x side x side to scores, N x classes."""
{network}


def main(folder):
    """Returns 3 where a picture could not be read, 2 where there is none."""
    how, labels = (json.loads((HERE / name).read_text("utf-8")) for name in ("{how}", "{labels}"))
    rows, code = csv.writer(sys.stdout, lineterminator="\\n"), 2
    for path, scores, wrong in answers(network(), Path(folder), how):
        if code == 2:
            rows.writerow(("path", "label", "{confidence}"))
            code = 0
        if wrong:
            sys.stderr.write(harmless(f"{{path}} {{wrong}}\\n"))
            code = 3
        else:
            confidence, label = scores{softmax}.max(0)
            rows.writerow([inert(harmless(str(text))) for text in (path, labels[label])] + [f"{{confidence:.6f}}"])
    if code == 2:
        sys.stderr.write(harmless(f"there is no picture in or beneath '{{folder}}'\\n"))
    return code


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.stderr.write(f"{{__doc__}}\\n")
    sys.exit(main(sys.argv[1]) if len(sys.argv) == 2 else 2)
'''
_LOADED = """    model = {build}
    model.load_state_dict(tensors(HERE / "{weights}"))
    return model.eval()"""


def predict_source(form: ExportForm, *, probabilistic: bool) -> str:
    """Source of the program that classifies pictures with a network of this form.

    Args:
        form: form in which the network travels.
        probabilistic: whether its scores are logits of a probability; else the highest one is told as it is.
    """
    network = f"    return {form.build}" if form.has_tensors else _LOADED.format(build=form.build, weights=WEIGHTS)
    return _TEXT.format(
        network=network,
        imports=f"\n{form.imports}" if form.imports else "",
        confidence="confidence" if probabilistic else "margin",
        softmax=".softmax(0)" if probabilistic else "",
        how=PREPROCESSING,
        labels=LABELS,
    )
