export default { target: process.env.TARGET };
