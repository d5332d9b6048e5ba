import { Modal } from "@mantine/core";

export default function Versions({ onClose }: { onClose: () => void }) {
  return <Modal opened onClose={onClose} title="Versions" />;
}
