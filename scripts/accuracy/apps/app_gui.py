"""A window that computes on a thread."""

import threading

import numpy as np
from imgui_bundle import hello_imgui, imgui, immapp
from PIL import Image


def compute():
    import scipy.fft

    scipy.fft.fft(np.zeros(8))


def draw():
    imgui.text(str(Image.new("L", (1, 1)).size))


if __name__ == "__main__":
    threading.Thread(target=compute).start()
    immapp.run(hello_imgui.SimpleRunnerParams(draw))
