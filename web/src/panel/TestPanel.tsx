export default function TestPanel() {
  return null;
}
