// Reading a QR code with the camera: the browser's own detector where there is one, else
// jsQR on pictures of the video.

let stream = null;
let run = 0;

async function detector() {
  if ("BarcodeDetector" in window) {
    const formats = await BarcodeDetector.getSupportedFormats();
    if (formats.includes("qr_code")) {
      const own = new BarcodeDetector({ formats: ["qr_code"] });
      return async (video) => (await own.detect(video))[0]?.rawValue;
    }
  }
  await import("../vendor/jsQR.js");
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  return async (video) => {
    const scale = Math.min(1, 800 / Math.max(video.videoWidth, video.videoHeight));
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    const image = context.getImageData(0, 0, canvas.width, canvas.height);
    return self.jsQR(image.data, image.width, image.height)?.data;
  };
}

// start opens the camera and gives every code that it sees to found, until found says
// true or stop is called. It throws when there is no camera to use.
export async function start(video, found) {
  stop();
  const mine = ++run;
  const [camera, read] = await Promise.all([
    navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false }),
    detector(),
  ]);
  if (mine !== run) {
    for (const track of camera.getTracks()) track.stop();
    return;
  }
  stream = camera;
  video.srcObject = camera;
  await video.play();
  while (mine === run) {
    if (video.videoWidth) {
      const text = await read(video);
      if (mine === run && text && (await found(text))) return;
    }
    await new Promise((done) => setTimeout(done, 150));
  }
}

export function stop() {
  run++;
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
}
