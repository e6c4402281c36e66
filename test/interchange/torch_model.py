"""Reads a state dict that unrolled wrote, computes logits with PyTorch's own layers, and writes one of PyTorch's back.

usage: torch_model.py CONFIG.json IN.safetensors OUT.safetensors RESULT.json
The safetensors package is not in Debian: its format is read and written here in a few lines.
"""

import json
import struct
import sys

import torch


def load_file(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        body = bytearray(file.read())
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        assert entry["dtype"] == "F32", entry
        tensors[name] = torch.frombuffer(body[begin:end], dtype=torch.float32).reshape(entry["shape"])
    return tensors


def save_file(tensors, path):
    header, body = {}, b""
    for name, tensor in tensors.items():
        data = tensor.contiguous().numpy().tobytes()
        header[name] = {
            "dtype": "F32",
            "shape": list(tensor.shape),
            "data_offsets": [len(body), len(body) + len(data)],
        }
        body += data
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + body)


class Model(torch.nn.Module):
    """The layers of a RecurrentLM under the same names."""

    def __init__(self, cell, vocabulary, embedding, hidden, layers):
        super().__init__()
        self.embedding = torch.nn.Embedding(vocabulary, embedding)
        kind = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[cell]
        self.rnn = kind(embedding, hidden, layers)
        self.output = torch.nn.Linear(hidden, vocabulary)

    def forward(self, ids):
        return self.output(self.rnn(self.embedding(ids))[0])


config_path, in_path, out_path, result_path = sys.argv[1:]
with open(config_path) as file:
    config = json.load(file)
sizes = [config[key] for key in ("cell", "vocabulary", "embeddingSize", "hiddenSize", "numLayers")]
ids = torch.tensor(config["ids"])

with torch.no_grad():
    model = Model(*sizes)
    model.load_state_dict(load_file(in_path))
    theirs = model(ids)
    torch.manual_seed(7)
    fresh = Model(*sizes)
    save_file(fresh.state_dict(), out_path)
    own = fresh(ids)

with open(result_path, "w") as file:
    json.dump({"loaded": theirs.flatten().tolist(), "fresh": own.flatten().tolist()}, file)
